#include "discovery/dialect/offers.h"

#include <stdlib.h>

void offers_fini_options(struct offer_options *options)
{
    free(options->network);
    options->network = NULL;
}

void offers_fini(struct offers *offers)
{
    for (size_t i = 0; i < offers->count; i++) {
        free(offers->items[i].service);
        free(offers->items[i].service_from);
    }
    free(offers->items);
    if (offers->options)
        offers_fini_options(offers->options);
    free(offers->options);
    free(offers->disabled_by);
    free(offers->fault_detail);
    free(offers->remark);
    *offers = (struct offers){0};
}
