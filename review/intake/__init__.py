"""From an event to a target, and from git's output to a changeset."""
