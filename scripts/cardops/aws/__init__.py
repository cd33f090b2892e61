"""AWS through boto3: the only package besides the sandbox that knows botocore."""
