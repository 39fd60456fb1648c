echo 'calendars: {default: {hours: "Mon-Fri 09:00-17:00", zone: Europe/Berlin}}' >weir.yaml
