#include "lb/net/own_fault.h"

#include "lb/base/log.h"
#include "lb/net/fault.h"

void own_fault_in_connecting(int status)
{
    log_error("cannot connect to backends: %s", fault_remedy(status));
}

void own_fault_in_accepting(int status)
{
    log_error("cannot accept connections: %s", fault_remedy(status));
}

void own_fault_in_checking(int status)
{
    log_error("cannot check backends: %s", fault_remedy(status));
}

void own_fault_full(void)
{
    log_error("more waits than --max-buffers allows, so clients that make most of it wait are cut "
              "off; give lb more memory, or see who does not read");
}

void own_fault_crowded(void)
{
    log_error(
        "new connections are refused, as all that --max-connections or the limit of open files "
        "allows are busy; see who holds them, or raise both (ulimit -n, LimitNOFILE=, docker "
        "run --ulimit nofile=N)");
}
