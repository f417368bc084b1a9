/* What this program says goes to lb-report too, where lb has started it and there is one. */
#ifndef DISCOVERY_OUTBOX_H
#define DISCOVERY_OUTBOX_H

/* Finds the socket that lb has lent, once, after log_open and before there are threads. */
void outbox_open(void);

#endif
