/* Whose jail it is. */
#ifndef LB_JAIL_JAIL_KIND_H
#define LB_JAIL_JAIL_KIND_H

enum jail_kind {
    JAIL_PROXY, /* lb-proxy: takes connections from sockets that listen already, and keeps files */
    JAIL_DISCOVERY, /* lb-discovery: AF_UNIX sockets and inotify, but takes no connections and changes no file's name */
    JAIL_REPORT,    /* lb-report: connects to others, and nothing else */
    JAIL_ACME,      /* lb-acme: connects to others, and keeps files and folders */
    JAIL_ACME_UNIX, /* lb-acme whose Consul is at a Unix socket: AF_UNIX sockets, too */
    JAIL_KIND_COUNT,
};

#endif
