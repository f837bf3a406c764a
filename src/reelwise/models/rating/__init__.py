"""The rating model: how many stars would this user give that film?"""
