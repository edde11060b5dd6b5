"""What the workflow and the team ask for: inputs, environment, policy."""
