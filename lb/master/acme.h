/* lb-acme, as the master runs it: it gets the certificates that lb-proxy wishes for (lb/contract/acme.h). It never runs
 * twice, as it is started again only once the one before has ended. */
#ifndef LB_MASTER_ACME_H
#define LB_MASTER_ACME_H

struct attendant;

extern const struct attendant acme_attendant;

#endif
