#include "discovery/contest/claimant.h"

#include <stdarg.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

void claimant_clear(struct claimant *claimant)
{
    free(claimant->contested);
    claimant->contested = NULL;
}

void claimant_add_contested(struct claimant *claimant, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    if (claimant->contested)
        text_appendf(&text, "%s; ", claimant->contested);
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    claimant_clear(claimant);
    claimant->contested = clean_copy(text_view(&text), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&text);
}

char *claimant_tell(const struct claimant *claimant)
{
    const char *of_words = claimant->offers->remark, *contested = claimant->contested;
    struct text text = TEXT_INIT;
    if (!of_words && !contested)
        return NULL;
    text_appendf(&text, "%s%s%s", of_words ? of_words : "", of_words && contested ? "; " : "",
                 contested ? contested : "");
    char *told = clean_copy(text_view(&text), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&text);
    return told;
}

int claimant_compare(const struct claimant *one, const struct claimant *other)
{
    if (one->is_running != other->is_running)
        return one->is_running ? -1 : 1;
    return (one->created_ns > other->created_ns) - (one->created_ns < other->created_ns);
}
