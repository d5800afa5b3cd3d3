"""The processes of a running node: a web server and a worker."""
