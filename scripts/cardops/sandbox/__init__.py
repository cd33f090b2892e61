"""A local AWS over HTTP on loopback: SageMaker model cards, RAM and STS, built on botocore's service models.

boto3 and the AWS CLI talk to it unchanged. It imports the standard library and botocore, and nothing else of cardops.
Start it with ``cardops.sandbox.core.server.Sandbox``.
"""
