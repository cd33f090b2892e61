"""Governance as data: rules in CEL, their tests, waivers, enforcement levels and packs; facts in, findings out."""
