"""The server: the same questions over HTTP, and the page that asks them. It holds no model code."""
