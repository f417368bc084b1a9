/* One condition of a route, made ready to be asked. */
#ifndef LB_ROUTE_CONDITION_H
#define LB_ROUTE_CONDITION_H

#include "lb/base/arena.h"
#include "lb/base/cidr.h"
#include "lb/contract/host_name.h"
#include "lb/contract/route.h"
#include "lb/route/question.h"
#include "lb/route/regexes.h"

/* Whether a longer value of a parameter matches a regex is not known. */
#define CONDITION_QUERY_BYTES_MAX 2048u

struct condition {
    enum route_kind kind;
    bool is_not;
    enum host_form host_form; /* of a host */
    struct view name;
    struct view value;             /* as it is compared */
    const struct pattern *pattern; /* of a regex */
    struct cidr range;             /* of a client */
};

/* From what compiled routes are made. */
struct compiling {
    struct arena *arena;
    struct regexes *regexes;
    const struct regexes *regexes_before; /* or NULL */
};

/* Of one that is valid (route_check_condition). Fails: false; it has one regex too many. */
bool condition_compile(const struct route_condition *from, const struct compiling *compiling,
                       struct condition *out);

enum truth condition_holds(const struct condition *condition, const struct question *question);

/* Whether that is https, or the first of it, as trusted proxies write it: "https, http", "wss". */
bool condition_is_secure(struct view scheme);

/* Whether a host is of that form; the form is not HOST_ANY. */
bool condition_host_fits(enum host_form form, struct view text, struct view host);

/* Whether the path begins with `prefix`, and where a segment ends. */
bool condition_path_fits(struct view prefix, struct view path);

#endif
