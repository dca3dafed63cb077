"""The project on disk: one SQLite file, and files that are replaced whole or not at all."""
