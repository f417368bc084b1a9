/* UDP ports of containers that have other ports as well. Images expose them (DNS by UDP beside TCP, HTTP/3), and
 * who asks nothing of them is not bothered with them. Thread: control. */
#ifndef LB_FOLLOW_BYSTANDERS_H
#define LB_FOLLOW_BYSTANDERS_H

#include <jansson.h>
#include <stdbool.h>

/* Of the services of a line, an array, which is borrowed. To be handed to bystanders_fini. */
struct bystanders {
    const json_t *services;
    json_t *containers; /* that have ports of TCP; NULL: nobody has asked yet */
};

/* Whether an endpoint that nothing leads to is one of them. */
bool bystanders_have(struct bystanders *bystanders, const json_t *endpoint);

void bystanders_fini(struct bystanders *bystanders);

#endif
