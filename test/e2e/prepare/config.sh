weir init
