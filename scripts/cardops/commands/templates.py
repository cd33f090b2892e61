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

OTHER_ACCOUNT = '  {alias}: {{id: "{id}", role: cardops-consumer, plan_role: cardops-plan, read_only: [role]}}'
EXAMPLE_ACCOUNT = '  # ml-dev: {id: "222222222222", role: cardops-consumer, plan_role: cardops-plan, read_only: [role]}'

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

_CALL = """\
    uses: TOOL/.github/workflows/{name}.yml@COMMIT
    with: {{tool: TOOL, tool-ref: "COMMIT"}}
"""

WORKFLOWS = {
    "validate": """\
name: cardops validate
on:
  pull_request: {branches: [main], types: [opened, synchronize, reopened, edited]}
  pull_request_review: {types: [submitted, dismissed]}
  merge_group: {branches: [main]}
permissions: {}
jobs:
  validate:
    permissions: {contents: read, pull-requests: read, security-events: write}
"""
    + _CALL.format(name="validate"),
    "plan": """\
name: cardops plan
on:
  pull_request: {branches: [main], types: [opened, synchronize, reopened, edited]}
  merge_group: {branches: [main]}
permissions: {}
jobs:
  plan:
    permissions: {contents: read, id-token: write, pull-requests: write}
"""
    + _CALL.format(name="plan"),
    "reconcile": """\
name: cardops reconcile
on:
  push: {branches: [main]}
  schedule: [{cron: "17 * * * *"}]
  workflow_dispatch: {inputs: {digest: {description: The digest that the comment names, required: true, type: string}}}
permissions: {}
jobs:
  reconcile:
    permissions: {contents: write, id-token: write, pull-requests: write, actions: read}
    uses: TOOL/.github/workflows/reconcile.yml@COMMIT
    with: {tool: TOOL, tool-ref: "COMMIT", digest: "${{ inputs.digest }}"}
    secrets: {CARDOPS_APP_KEY: "${{ secrets.CARDOPS_APP_KEY }}"}
""",
    "drift": """\
name: cardops drift
on: {schedule: [{cron: "23 2 * * *"}], repository_dispatch: {types: [cardops-card-changed]}}
permissions: {}
jobs:
  drift:
    permissions: {contents: write, id-token: write, issues: write, pull-requests: write}
"""
    + _CALL.format(name="drift")
    + """\
    secrets: {CARDOPS_APP_KEY: "${{ secrets.CARDOPS_APP_KEY }}"}
""",
}
"""What calls cardops' own workflows from another repository."""
