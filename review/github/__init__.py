"""GitHub's REST API: a light reader for every run, PyGithub for the runs that write."""
