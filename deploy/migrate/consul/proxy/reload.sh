#!/bin/sh
# The old process is ended, and with it what runs in it.
touch /run/haproxy.pid
# shellcheck disable=SC2046 # there may be several
exec haproxy -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -st $(cat /run/haproxy.pid)
