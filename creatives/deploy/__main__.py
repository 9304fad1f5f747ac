"""`python -m creatives.deploy`: see deployment.py."""

from creatives.deploy.deployment import main

main()
