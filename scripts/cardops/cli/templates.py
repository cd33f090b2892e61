"""The texts that `init` and `new` write."""

CONFIG_TEXT = """\
# yaml-language-server: $schema=policies/schemas/config.schema.json
version: 1
repository: {repository}         # on every resource that this repository owns; never change it
region: {region}
home: shared-services                   # owns the cards that name no account
accounts:
  shared-services: {{id: "{home}", role: cardops-apply, plan_role: cardops-plan}}
{others}
access:
  read:       {{actions: [sagemaker:DescribeModelCard, sagemaker:ListModelCardVersions]}}
  contribute: {{managed: AWSRAMPermissionSageMakerModelCards}}
  export:     {{managed: AWSRAMPermissionSageMakerModelCardsAllowExport}}
retire: archive                         # archive | delete | forbid: what removing a card's file means
safety: {{max_updates: 30%, max_retires: 10%, max_revokes: 30%, max_new_principals: 10, floor: 10}}
signoff: reviews                        # reviews | signed-trailers | none
"""

OTHER_ACCOUNT = '  {alias}: {{id: "{id}", role: cardops-consumer, plan_role: cardops-plan}}'
EXAMPLE_ACCOUNT = '  # ml-dev: {id: "222222222222", role: cardops-consumer, plan_role: cardops-plan}'

IGNORE_TEXT = """\
plan.json
"""

CARD_TEXT = """\
# yaml-language-server: $schema=../policies/schemas/card.schema.json
name: {name}
status: Draft
owner: {owner}
content:
  model_overview:
    model_name: {name}
    model_description: What the model predicts, from what, and for whom.
  intended_uses:
    purpose_of_model: Why the model exists.
    intended_uses: What it may be used for, and what not.
    risk_rating: Unknown
"""

SHARE_TEXT = """\
# yaml-language-server: $schema=../policies/schemas/share.schema.json
name: {name}
cards: [{cards}]
grants:
  - {{to: {to}, access: contribute, while: [Draft, PendingReview]}}
"""
