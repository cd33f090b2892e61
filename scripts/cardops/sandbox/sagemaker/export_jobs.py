"""SageMaker model cards: export jobs. No PDF is written; a job ends Completed after Options.export_seconds."""

import re
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.card_lists import PAGE, is_descending, within
from cardops.sandbox.sagemaker.cards import not_found, pick_version, refuse_deleting, resolve
from cardops.sandbox.state import ExportJob

_ARN = re.compile(r"(arn:aws[a-z-]*:sagemaker:([a-z0-9-]*):(\d{12}):model-card/[^/]+)/export-job/[^/]+")


@operation("sagemaker", "CreateModelCardExportJob")
def create_model_card_export_job(call: Call) -> dict[str, Any]:
    """Start an export of a version; Archived cards can be exported. A job name is used once a card."""
    region, card = resolve(call, call.params["ModelCardName"])
    refuse_deleting(call, card)
    name = call.params["ModelCardExportJobName"]
    arn = f"{card.arn}/export-job/{name}"
    if arn in region.exports:
        raise AwsError("ConflictException", f"Export job {name} already exists")
    output = call.params["OutputConfig"]["S3OutputPath"]
    region.exports[arn] = ExportJob(arn, name, card.name, pick_version(call, card).number, output, call.now)
    return {"ModelCardExportJobArn": arn}


def _ended(call: Call, job: ExportJob) -> bool:
    return call.now >= job.created + call.options.export_seconds


def _row(call: Call, job: ExportJob) -> dict[str, Any]:
    return {
        "ModelCardExportJobName": job.name,
        "ModelCardExportJobArn": job.arn,
        "Status": "Completed" if _ended(call, job) else "InProgress",
        "ModelCardName": job.card,
        "ModelCardVersion": job.version,
        "CreatedAt": job.created,
        "LastModifiedAt": job.created + call.options.export_seconds if _ended(call, job) else job.created,
    }


@operation("sagemaker", "DescribeModelCardExportJob")
def describe_model_card_export_job(call: Call) -> dict[str, Any]:
    """Describe a job by its ARN; another account needs the action on the card through RAM."""
    arn = call.params["ModelCardExportJobArn"]
    found = _ARN.fullmatch(arn)
    if not found or found[2] != call.region:
        raise not_found(call, f"Export job {arn}")
    region = call.state.region(found[3], call.region)
    job = region.exports.get(arn)
    if job is None:
        raise not_found(call, f"Export job {arn}")
    described = {**_row(call, job), "OutputConfig": {"S3OutputPath": job.output}}
    if _ended(call, job):
        path = f"{job.output.rstrip('/')}/{job.card}/{job.name}/{job.card}-{job.version}.pdf"
        described["ExportArtifacts"] = {"S3ExportArtifacts": path}
    return described


@operation("sagemaker", "ListModelCardExportJobs")
def list_model_card_export_jobs(call: Call) -> dict[str, Any]:
    """List the jobs of one of the caller's own cards, by name only."""
    _, card = resolve(call, call.params["ModelCardName"])
    refuse_deleting(call, card)
    part, version = call.get("ModelCardExportJobNameContains", ""), call.get("ModelCardVersion")
    rows = [
        _row(call, job)
        for job in call.home.exports.values()
        if job.card == card.name and part in job.name and version in (None, job.version) and within(call, job.created)
    ]
    rows = [row for row in rows if call.get("StatusEquals", row["Status"]) == row["Status"]]
    key = {"Name": "ModelCardExportJobName", "Status": "Status"}.get(call.get("SortBy", ""), "CreatedAt")
    rows.sort(key=lambda row: row[key], reverse=is_descending(call, "Descending"))
    return answer("ModelCardExportJobSummaries", *page(call, rows, PAGE, lambda row: row["ModelCardExportJobArn"]))
