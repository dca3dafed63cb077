"""Dialogs; few and small."""
