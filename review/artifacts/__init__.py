"""What each changed file is: from its content and its project, not from its folder's name."""
