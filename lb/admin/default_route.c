#include "lb/admin/default_route.h"

/* 0: it goes to the default service. */
static unsigned status_of(const struct membership *membership)
{
    if (membership->unrouted == MEMBERSHIP_NOT_FOUND)
        return 404;
    if (membership->unrouted == MEMBERSHIP_UNAVAILABLE)
        return 503;
    bool has_routes = membership->routes.table != NULL;
    return has_routes && membership->unrouted == MEMBERSHIP_BY_ROUTES ? 404 : 0;
}

static void append_service(const struct membership *membership, struct text *out)
{
    text_appendf(out, "the service %s", membership->service);
    text_append_str(out, membership->unrouted == MEMBERSHIP_TO_DEFAULT
                             ? " (--service, --default-route)"
                             : " (--service)");
}

static void append_why(const struct membership *membership, struct text *out)
{
    if (membership->unrouted == MEMBERSHIP_TO_DEFAULT)
        text_append_str(out, "what a route knows never goes to the default service");
    else if (membership->unrouted == MEMBERSHIP_BY_ROUTES)
        text_append_str(out, "there are routes and no --service is given");
    else
        text_append_str(out, "--default-route says so");
}

static void append_of_routes(const struct membership *membership, unsigned status, struct text *out)
{
    if (status > 0) {
        text_appendf(out, "What no route matches gets %u: ", status);
        append_why(membership, out);
        text_append_str(out, ".");
        return;
    }
    text_append_str(out, "What no route knows goes to ");
    append_service(membership, out);
    text_append_str(out,
                    ". A host that a route names, or a path that a route for any host names, is "
                    "known: what no route matches there gets 404.");
}

void default_route_append(const struct membership *membership, struct text *out)
{
    unsigned status = status_of(membership);
    if (membership->routes.table) {
        append_of_routes(membership, status, out);
        return;
    }
    text_append_str(out, "There are no routes: all requests ");
    if (status == 0) {
        text_append_str(out, "go to ");
        append_service(membership, out);
        text_append_char(out, '.');
    } else {
        text_appendf(out, "get %u (--default-route).", status);
    }
}
