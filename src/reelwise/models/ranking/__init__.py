"""The ranking model: which films does this user watch and like?"""
