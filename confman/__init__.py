"""confman: agentless configuration management and orchestration."""
