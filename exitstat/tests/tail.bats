#!/usr/bin/env bats
# shellcheck shell=bats disable=SC2154 # helper.bash sets tmp, status and others
# Histograms of what single exits cost.
load helper.bash

# unit TEST: of unit.c
unit() { "$UNIT" "$1"; }
@test "unit-buckets" { unit buckets; }
@test "unit-percentiles" { unit percentiles; }
@test "unit-percentile-of-few" { unit percentile-of-few; }
@test "unit-difference" { unit difference; }
@test "unit-sum" { unit sum; }
@test "unit-missed-share" { unit missed-share; }
@test "unit-samples" { unit samples; }
@test "unit-walk" { unit walk; }
@test "unit-walk-to-the-end" { unit walk-to-the-end; }
@test "unit-walk-hostile" { unit walk-hostile; }
