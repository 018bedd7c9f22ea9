"""The local review page: a server for one case, and the page it serves."""
