# lb on every client of a Nomad cluster. It follows the catalog of the Consul agent of its own node: what Nomad starts is registered there by
# Nomad (appserver.nomad.hcl), so lb needs neither Docker's socket nor Nomad's API.
#
#   nomad job run deploy/nomad/lb.nomad.hcl
#   nomad job run -var prefer=local -var image=registry.example.com/lb:2 deploy/nomad/lb.nomad.hcl

variable "image" {
  type        = string
  default     = "lb:1"
  description = "The image of lb. Every client has it, or can pull it; without a tag, or with latest, Nomad pulls it always."
}

variable "datacenters" {
  type    = list(string)
  default = ["dc1"]
}

variable "prefer" {
  type        = string
  default     = "none"
  description = "local: the servers of the own node come first."
}

job "lb" {
  datacenters = var.datacenters
  type        = "system"
  priority    = 80

  # One node after the other. Of a system job Nomad follows only these two.
  update {
    max_parallel = 1
    stagger      = "30s"
  }

  group "lb" {
    # Static ports: whichever node a client comes to, there is an lb.
    network {
      mode = "host"

      port "http" {
        static = 80
      }

      port "admin" {
        static = 8001
      }
    }

    restart {
      attempts = 3
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    # lb is taken out of the catalog first. Who asks Consul for it does so no more, and then it is told to end.
    shutdown_delay = "5s"

    # The name that it had beside haproxy. It is Nomad that registers it: lb itself is started without --register.
    service {
      name     = "proxy"
      port     = "http"
      provider = "consul"
      task     = "lb"
      tags     = ["http"]

      check {
        name     = "ready"
        type     = "http"
        port     = "admin"
        path     = "/readyz"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "lb" {
      driver = "docker"

      # On the network of the host only root may have port 80, and this root may do nothing else: no socket is mounted,
      # nothing can be written, and it has one capability.
      user = "root"

      # 5 s it goes on and says `Connection: close`, then it finishes what runs.
      kill_signal  = "SIGTERM"
      kill_timeout = "25s"

      config {
        image           = var.image
        network_mode    = "host"
        cap_drop        = ["all"]
        cap_add         = ["net_bind_service"]
        security_opt    = ["no-new-privileges"]
        readonly_rootfs = true

        # The pages may be read by who reaches the port; orders are taken from this machine:
        # nomad alloc exec -job lb lb ctl drain NAME
        args = [
          "--listen", "0.0.0.0:${NOMAD_PORT_http}",
          "--admin", "0.0.0.0:${NOMAD_PORT_admin}",
          "--admin-open=read",
          "--consul",
          "--prefer", "${var.prefer}",
          "--default-route", "appserver",
          "--shutdown-delay", "5s",
          "--shutdown-grace", "15s",
        ]

        # Consul checks it; the image's own check would be one more process each time, and nobody would read it.
        healthchecks {
          disable = true
        }
      }

      # The agent of the own node.
      env {
        CONSUL_HTTP_ADDR = "http://127.0.0.1:8500"
      }

      resources {
        cpu    = 500
        memory = 128
      }
    }
  }
}
