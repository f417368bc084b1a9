#include "lb/admin/healthcheck.h"

#include <stdio.h>

#include "lb/admin/ask.h"

static bool ask_admin(const struct config *config, struct text *body, struct text *problem)
{
    unsigned status = ask_lb(config, &(struct ask){.method = "GET", .path = "/healthz?discovery=1"},
                             body, problem);
    if (status > 0 && status != 200)
        text_appendf(problem, "/healthz says %u: %s", status, text_str(body));
    return status == 200;
}

int healthcheck_run(const struct config *config)
{
    struct text body = TEXT_INIT, problem = TEXT_INIT;
    bool is_well = false;
    if (!ask_without_admin(config, &problem, &is_well))
        is_well = ask_admin(config, &body, &problem);
    if (problem.len > 0)
        fprintf(stderr, "lb: %s\n", text_str(&problem));
    text_fini(&body);
    text_fini(&problem);
    return is_well ? 0 : 1;
}
