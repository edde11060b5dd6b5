"""What one version of a file consists of, and what it reads and writes. Runs inside a worker."""
