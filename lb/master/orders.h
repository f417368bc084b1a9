/* The signals that the master gets, and to whom they go. */
#ifndef LB_MASTER_ORDERS_H
#define LB_MASTER_ORDERS_H

struct master;

/* Obeys all that have come. */
void orders_obey(struct master *master);

#endif
