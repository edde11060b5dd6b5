"""Worker processes that parse hostile text and can do nothing else: no file, no socket, no child process."""
