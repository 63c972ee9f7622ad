"""Evaluations over folders: how well pictures show their captions (AAAD), and the protocol of C-EXPR-DB."""
