// Listens on many connections, as many nodes do: pqlisten CONNECTIONS. Says "ready" when all listen, and takes what comes until it is ended.
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    if (count != 2) return 2;
    int many = atoi(words[1]);
    PGconn **all = calloc(many, sizeof *all);
    struct pollfd *polled = calloc(many, sizeof *polled);
    for (int i = 0; i < many; i++) {
        all[i] = PQconnectdb("");
        if (PQstatus(all[i]) != CONNECTION_OK) {
            fprintf(stderr, "%s", PQerrorMessage(all[i]));
            return 1;
        }
        PQclear(PQexec(all[i], "LISTEN latchkey"));
        polled[i] = (struct pollfd){.fd = PQsocket(all[i]), .events = POLLIN};
    }
    puts("ready");
    fflush(stdout);
    while (poll(polled, many, -1) >= 0)
        for (int i = 0; i < many; i++) {
            if (!polled[i].revents) continue;
            if (!PQconsumeInput(all[i])) return 0;
            for (PGnotify *heard; (heard = PQnotifies(all[i]));) PQfreemem(heard);
        }
    return 0;
}
