#!/bin/bash
# Keeps the toolbox alive: others run their commands in it. Ends with 0 on TERM and QUIT.

sleep infinity &
sleeper=$!
trap 'kill "$sleeper"; exit 0' TERM QUIT
wait "$sleeper"
