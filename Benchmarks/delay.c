// A proxy that holds every byte back for a fixed time in each direction, as a distant server does.
// usage: delay LISTEN-PORT TARGET-PORT MILLISECONDS, both on 127.0.0.1
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct packet {
    struct packet *next;
    struct side *to;
    int64_t due;
    ssize_t length;  // 0: the end
    char data[];
};
// One end of a connection. It is freed once both ends are closed and no packet is on its way.
struct side {
    int descriptor;
    struct side *other;
    int closed, packets;
};

static struct packet *first, **last = &first;
static int events;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static int connected(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    return descriptor;
}

static struct side *side(int descriptor) {
    struct side *side = calloc(1, sizeof *side);
    side->descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = side};
    epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event);
    return side;
}

static void release(struct side *side) {
    struct side *other = side->other;
    if (!side->closed || !other->closed || side->packets || other->packets) return;
    close(side->descriptor);
    close(other->descriptor);
    free(side);
    free(other);
}

static void enqueue(struct side *to, const char *data, ssize_t length, int64_t due) {
    struct packet *packet = malloc(sizeof *packet + (size_t)length);
    *packet = (struct packet){.to = to, .due = due, .length = length};
    if (length) memcpy(packet->data, data, (size_t)length);
    to->packets++;
    *last = packet;
    last = &packet->next;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    int target = atoi(arguments[2]);
    int64_t delay = atoi(arguments[3]) * 1000LL;
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) return 1;
    events = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(events, EPOLL_CTL_ADD, listener, &event);
    static char buffer[65536];
    for (;;) {
        struct epoll_event ready[64];
        struct timespec wait = {60, 0};
        if (first) {
            int64_t rest = first->due > now() ? first->due - now() : 0;
            wait = (struct timespec){rest / 1000000, rest % 1000000 * 1000};
        }
        int number = epoll_pwait2(events, ready, 64, &wait, NULL);
        for (int i = 0; i < number; i++) {
            struct side *from = ready[i].data.ptr;
            if (!from) {
                int descriptor = accept(listener, NULL, NULL);
                if (descriptor < 0) continue;
                setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                int forward = connected(target);
                if (forward < 0) {
                    close(descriptor);
                    continue;
                }
                struct side *client = side(descriptor), *server = side(forward);
                client->other = server;
                server->other = client;
                continue;
            }
            ssize_t length = read(from->descriptor, buffer, sizeof buffer);
            if (length < 0) length = 0;
            if (length == 0) {
                epoll_ctl(events, EPOLL_CTL_DEL, from->descriptor, NULL);
                from->closed = 1;
            }
            enqueue(from->other, buffer, length, now() + delay);
        }
        while (first && first->due <= now()) {
            struct packet *packet = first;
            if (!(first = packet->next)) last = &first;
            struct side *to = packet->to;
            to->packets--;
            if (packet->length == 0) {
                shutdown(to->descriptor, SHUT_WR);
            } else {
                for (ssize_t done = 0; done < packet->length;) {
                    ssize_t written = write(to->descriptor, packet->data + done, (size_t)(packet->length - done));
                    if (written <= 0) break;
                    done += written;
                }
            }
            free(packet);
            release(to);
        }
    }
}
