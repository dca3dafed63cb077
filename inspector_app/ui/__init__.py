"""Widgets: they show what the services hold and ask for what the operator wants."""
