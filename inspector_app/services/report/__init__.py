"""An inspection for people without the program: a table, pictures and a page. No Qt."""
