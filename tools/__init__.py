"""Entry points for each job, and what only maintainers need."""
