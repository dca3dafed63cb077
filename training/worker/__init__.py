"""The worker process: commands in, events out, jobs and clicks in between."""
