"""The only door to the git program: commits in, raw changes, patches and trees out."""
