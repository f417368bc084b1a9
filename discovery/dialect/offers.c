#include "discovery/dialect/offers.h"

#include <stdlib.h>

#include "lb/base/memory.h"

void offers_fini_options(struct offer_options *options)
{
    free(options->network);
    options->network = NULL;
}

const struct offer_options *offers_keep_options(struct offers *offers,
                                                struct offer_options *options)
{
    struct offer_options *kept = memory_new(sizeof(*kept));
    *kept = *options;
    options->network = NULL;
    offers->options =
        memory_resize(offers->options, (offers->options_count + 1) * sizeof(offers->options[0]));
    offers->options[offers->options_count++] = kept;
    return kept;
}

void offers_fini(struct offers *offers)
{
    for (size_t i = 0; i < offers->count; i++) {
        free(offers->items[i].service);
        free(offers->items[i].service_from);
    }
    free(offers->items);
    for (size_t i = 0; i < offers->options_count; i++) {
        offers_fini_options(offers->options[i]);
        free(offers->options[i]);
    }
    free(offers->options);
    free(offers->disabled_by);
    free(offers->fault_detail);
    free(offers->remark);
    *offers = (struct offers){0};
}
