"""Readers of data sets that the user has: BP4D, BP4D+, DISFA, and folders with a table of OpenFace or py-feat.

Nothing of these data sets is in AUFace; layouts and splits are facts from public code, each named beside the table.
"""
