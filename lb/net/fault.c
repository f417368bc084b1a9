#include "lb/net/fault.h"

#include <stddef.h>
#include <uv.h>

static const struct {
    int status;
    const char *remedy;
} own[] = {
    {UV_EMFILE,
     "too many open files; raise the limit (ulimit -n, LimitNOFILE=, docker run --ulimit "
     "nofile=N), or lower --max-connections"},
    {UV_ENFILE, "too many open files on this machine; raise fs.file-max, or lower "
                "--max-connections"},
    {UV_ENOBUFS, "no memory for sockets; raise net.ipv4.tcp_mem or the memory of this machine or "
                 "container"},
    {UV_ENOMEM, "no memory for sockets; raise net.ipv4.tcp_mem or the memory of this machine or "
                "container"},
    {UV_EADDRNOTAVAIL, "no local port is free, or lb has no address of this family; raise "
                       "net.ipv4.ip_local_port_range, or see the network of this machine or "
                       "container"},
    {UV_EAGAIN, "no local port is free; raise net.ipv4.ip_local_port_range"},
    {UV_ENETUNREACH, "there is no route from here; see the networks of this machine or container"},
    {UV_ENETDOWN, "the network is down; see the networks of this machine or container"},
};

static size_t find(int status)
{
    size_t i = 0;
    while (i < sizeof(own) / sizeof(own[0]) && own[i].status != status)
        i++;
    return i;
}

bool fault_is_own(int status)
{
    return find(status) < sizeof(own) / sizeof(own[0]);
}

bool fault_is_shortage(int status)
{
    return status == UV_EMFILE || status == UV_ENFILE;
}

const char *fault_remedy(int status)
{
    return fault_is_own(status) ? own[find(status)].remedy : uv_strerror(status);
}
